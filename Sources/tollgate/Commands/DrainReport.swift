// SPDX-License-Identifier: Apache-2.0

import Ingest
import Notation
import Processing
import Spool

/// The result of draining a spool by hand, and what is left for a person to do.
struct DrainReport: Sendable {
    let directory: String
    /// What became of the records that waited.
    let drained: SpoolDrainer.Drained
    /// How many of those in `refused/` were accepted after all; nil if they were not tried.
    let movedRefused: Int?
    /// How many are in `refused/` now.
    let refused: Int
    /// How many pieces are in `damaged/` now.
    let damaged: Int
    /// Files with a segment's name that cannot be Tollgate's.
    let foreign: [ForeignFile]

    /// Whether something that waited is not in the inbox.
    var isIncomplete: Bool { drained.setAside > 0 || drained.damaged > 0 || refused > 0 || !foreign.isEmpty }

    var summary: [String] {
        var lines = ["moved \(drained.moved) events into the inbox"]
        if let movedRefused { lines.append("and \(movedRefused) that were refused; \(refused) still are") }
        if drained.setAside > 0 { lines.append("\(drained.setAside) were set aside in refused/") }
        if drained.damaged > 0 { lines.append("\(drained.damaged) pieces of damage were set aside in damaged/") }
        return lines
    }

    /// For standard error, one line each.
    var advice: [String] {
        var lines: [String] = []
        if refused > 0 {
            let why = "\(count(refused, "event")) \(directory)/refused, each with a .reason beside it"
            if movedRefused == nil {
                lines.append(
                    "\(why): a secret that is set later does not move them; if they are yours, run: "
                        + "tollgate spool drain --trust (and add their secret to STRIPE_WEBHOOK_SECRET, so that the "
                        + "next ones are taken)")
            } else {
                lines.append(
                    "\(why): fix what it says and run this again, or move them elsewhere once you have read it")
            }
        }
        if damaged > 0 {
            lines.append(
                "\(count(damaged, "piece")) \(directory)/damaged: bytes that are no longer an event; what they were, "
                    + "Stripe can send again; move them elsewhere once you have looked at them")
        }
        for file in foreign {
            lines.append("\(file.path) is not read: \(file.reason); it is \(file.movedTo ?? "where it was")")
        }
        return lines
    }

    private func count(_ number: Int, _ what: String) -> String {
        number == 1 ? "1 \(what) lies in" : "\(number) \(what)s lie in"
    }

    var document: JSON {
        [
            "moved": .integer(Int64(drained.moved)),
            "set_aside": .integer(Int64(drained.setAside)),
            "moved_refused": .integer(Int64(movedRefused ?? 0)),
            "left_refused": movedRefused == nil ? .null : .integer(Int64(refused)),
            "refused": .integer(Int64(refused)),
            "damaged": .integer(Int64(damaged)),
        ]
    }
}
