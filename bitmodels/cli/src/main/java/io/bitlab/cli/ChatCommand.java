package io.bitlab.cli;

import picocli.CommandLine.Command;

@Command(name = "chat")
final class ChatCommand {
}
