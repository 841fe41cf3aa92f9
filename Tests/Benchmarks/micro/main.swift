switch CommandLine.arguments.dropFirst().first {
case "lateness": try BareLoop.measure()
case "ending": try Ending.measure()
case "journal": try JournalSize.measure()
default: try HotPath.measure()
}
