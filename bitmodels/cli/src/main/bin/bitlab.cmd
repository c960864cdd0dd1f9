@echo off
rem Starts bitlab.jar, which lies beside this file, with the Vector API, on the Java 25 of JAVA_HOME or of the PATH.
setlocal
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
"%java%" --add-modules jdk.incubator.vector -XX:+UseParallelGC -XX:SharedArchiveFile="%~dp0bitlab.jsa" -Xlog:cds*=off,aot*=off -cp "%~dp0bitlab.jar" io.bitlab.cli.BitLab %*
exit /b %ERRORLEVEL%
