package io.bitlab.cli.evaluate;

import picocli.CommandLine.Command;

/** Says how good a model is. */
@Command(name = "evaluate", mixinStandardHelpOptions = true, description = "Says how good a model is.",
        subcommands = {EvaluateImages.class, EvaluateDetector.class, EvaluateGenerator.class, EvaluateText.class})
public final class EvaluateCommand {
}
