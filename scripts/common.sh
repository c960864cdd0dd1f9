# Sourced by the scripts in this folder. Sets $root, the checkout's folder, and knows how to find JDK 25 and how to
# build and run the benchmarks. POSIX sh and its usual tools, nothing else.

set -eu
: "${HOME:=/nonexistent}" # which services may lack

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
mvn=${MVN:-mvn} # for example MVN='mvn -o'

fail() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 1
}

# usage_if_asked ARGUMENT...: prints the comment at the head of the script if one of the arguments is --help or -h.
usage_if_asked() {
    for argument; do
        case $argument in
            --help | -h)
                sed -n '2,/^[^#]*$/s/^# \{0,1\}//p' "$0"
                exit 0
                ;;
        esac
    done
}

# is_jdk25 FOLDER: whether a JDK 25 is there. Its file "release" tells without starting it.
is_jdk25() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && grep -q '^JAVA_VERSION="25[."]' "$1/release" 2>/dev/null
}

# Prints the folder of a JDK 25: that of JAVA_HOME, of the java on the PATH, or one in the folders where Maven's
# toolchains plugin looks.
find_jdk25() {
    on_path=
    if command -v java >/dev/null; then
        on_path=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
    fi
    for jdk in "${JAVA_HOME:-}" "${JAVA25_HOME:-}" "${JDK_HOME:-}" "$on_path" /usr/lib/jvm/* /usr/java/* /usr/jdk/* \
        /opt/java/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.m2/jdks/* "$HOME"/.gradle/jdks/* \
        "$HOME"/.jenv/versions/* "$HOME"/.jbang/cache/jdks/* "$HOME"/.asdf/installs/java/* "$HOME"/.jabba/jdk/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home; do
        if [ -n "$jdk" ] && is_jdk25 "$jdk"; then
            printf '%s\n' "$jdk"
            return
        fi
    done
    fail "there is no JDK 25 in JAVA_HOME, on the PATH or in the usual places (/usr/lib/jvm, ~/.sdkman, ~/.jdks, ...);\
 install one (25.0.3 or later), or set JAVA_HOME to its folder: JAVA_HOME=/opt/jdk-25 $0"
}

# Builds the jar of the benchmarks, $jar, if it is missing or older than a source file.
jar=$root/benchmarks/target/benchmarks.jar
build_benchmarks() {
    if [ ! -f "$jar" ] || [ -n "$(newer_sources)" ]; then
        printf 'building %s\n' "$jar" >&2
        (cd "$root" && $mvn -q -DskipTests -Dspotless.check.skip -Dmaven.javadoc.skip -Dmaven.source.skip \
            -pl benchmarks -am package) >&2 || fail "the benchmarks could not be built, see above"
    fi
}

newer_sources() {
    for module in bitcore bitlayers bitmodels benchmarks; do
        find "$root/$module/src/main" "$root/$module/pom.xml" -type f -newer "$jar"
    done | head -n 1
}

# run_benchmarks ARGUMENT...: runs java with the jar of the benchmarks on the class path, in the caller's folder. The
# arguments are options of the JVM, a class, and its arguments. The caller can give more options for the JVM in
# JDK_JAVA_OPTIONS, which java reads itself.
run_benchmarks() {
    jdk=$(find_jdk25)
    build_benchmarks
    exec "$jdk/bin/java" -cp "$jar" "$@"
}
