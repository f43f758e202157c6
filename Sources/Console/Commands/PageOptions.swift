// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// Which page of a list is requested.
struct PageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How many, \(PageLimit.range.lowerBound) to \(PageLimit.range.upperBound).", valueName: "number"))
    var limit = PageLimit.standard

    @Option(help: ArgumentHelp("Continue after this one, the last of the page before.", valueName: "id"))
    var startingAfter: String?

    func validate() throws {
        guard PageLimit.range.contains(limit) else {
            throw ValidationError(
                "--limit \(limit) is not within \(PageLimit.range.lowerBound) to \(PageLimit.range.upperBound).")
        }
    }
}
