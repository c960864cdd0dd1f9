package io.bitlab.cli;

import io.bitlab.cli.evaluate.EvaluateCommand;
import io.bitlab.cli.train.TrainCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/**
 * The program {@code bitlab}. Exit codes: 0 for success, 1 for a problem, such as a file that is missing, 2 for a wrong
 * command line, 130 after Ctrl-C.
 */
@Command(name = "bitlab", mixinStandardHelpOptions = true, versionProvider = BitLab.Version.class,
        description = "Ternary neural networks: trains them, converts them, and runs them.",
        subcommands = {ChatCommand.class, GenerateCommand.class, TrainCommand.class, PredictCommand.class,
            ClassifyCommand.class, DetectCommand.class, DrawCommand.class, EvaluateCommand.class, InspectCommand.class,
            ConvertCommand.class, ServeCommand.class, KernelsCommand.class, BenchCommand.class,
            GenerateCompletion.class},
        footer = {"", "'bitlab COMMAND --help' says more about each."})
public final class BitLab {

    /** The exit code after Ctrl-C, as shells give it. */
    static final int INTERRUPTED = 130;

    /** Else each piece of a streamed answer may wait up to 40 ms for the client to confirm the one before. */
    private static final String NO_DELAY = "sun.net.httpserver.nodelay";

    /** Made by picocli. */
    public BitLab() {
    }

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = BitLab.class.getPackage().getImplementationVersion();
            return new String[] {"bitlab " + (version == null ? "(development)" : version),
                "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch")};
        }
    }

    /**
     * Runs the program and ends the JVM with its exit code.
     *
     * @param arguments see {@code bitlab --help}
     */
    public static void main(String[] arguments) {
        if (System.getProperty(NO_DELAY) == null) {
            System.setProperty(NO_DELAY, "true");
        }
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StreamEncoding.of("stdout")));
        System.exit(execute(arguments));
    }

    /**
     * Runs the program.
     *
     * @param arguments see {@code bitlab --help}
     * @return the exit code
     */
    public static int execute(String... arguments) {
        CommandLine line = commandLine(new BitLab());
        try {
            int status = line.execute(arguments);
            if (status == CommandLine.ExitCode.OK && System.out.checkError()) { // PrintStream keeps errors to itself
                line.getErr().println("Not all output could be written: nobody reads it any more, or the disk is full");
                return CommandLine.ExitCode.SOFTWARE;
            }
            return status;
        } catch (OutOfMemoryError | LinkageError e) {
            line.getErr().println(UserErrors.message(e));
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    /**
     * A command line that reports problems with arguments and files in one line and the usage, without a stack trace.
     *
     * @param command a picocli command
     * @return its command line
     */
    public static CommandLine commandLine(Object command) {
        CommandLine line = new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(new UserErrors());
        CommandLine train = line.getSubcommands().get("train");
        if (train != null) { // or it would take the value of an option, such as --out generator, for a command
            train.getCommandSpec().parser().stopAtUnmatched(true);
        }
        return line;
    }
}
