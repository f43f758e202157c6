// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A process as `/proc` shows it.
struct RunningProcess: Hashable {
    let id: pid_t
    /// Empty for a zombie.
    let commandLine: String

    static var all: [RunningProcess] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.compactMap(RunningProcess.init)
    }

    init?(_ id: pid_t) {
        guard let line = Self.contents("/proc/\(id)/cmdline"), !line.isEmpty else { return nil }
        self.id = id
        commandLine = line.replacing("\0", with: " ")
    }

    /// Whether it still runs; another program with the same id does not count.
    var isAlive: Bool { RunningProcess(id)?.commandLine == commandLine }

    var parent: pid_t? { stat.first { $0.hasPrefix("PPid:") }.flatMap { pid_t($0.dropFirst(5).filter(\.isNumber)) } }

    /// Processes of one session get a terminal's Ctrl-C together.
    var session: pid_t { getsid(id) }

    /// It and all its descendants.
    var family: [RunningProcess] {
        [self] + Self.all.filter { $0.parent == id }.flatMap(\.family)
    }

    /// The TCP ports it listens on.
    var listeningPorts: Set<Int> {
        let folder = "/proc/\(id)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let sockets = Set(
            names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") })
        var ports: Set<Int> = []
        for table in ["tcp", "tcp6"] {
            for line in (Self.contents("/proc/\(id)/net/\(table)") ?? "").split(separator: "\n").dropFirst() {
                // Number, local address:port, remote, state (0A: listening), …, inode as the tenth.
                let words = line.split(separator: " ")
                guard words.count > 9, words[3] == "0A", sockets.contains("socket:[\(words[9])]") else { continue }
                if let port = words[1].split(separator: ":").last.flatMap({ Int($0, radix: 16) }) { ports.insert(port) }
            }
        }
        return ports
    }

    private var stat: [Substring] { (Self.contents("/proc/\(id)/status") ?? "").split(separator: "\n") }

    private static func contents(_ path: String) -> String? {
        (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }
    }
}
