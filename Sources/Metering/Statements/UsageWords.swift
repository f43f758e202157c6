// SPDX-License-Identifier: Apache-2.0

/// What calls used, in words for whoever pays for them: nobody has a feeling for tokens.
package enum UsageWords {
    /// As many tokens as a page of text has, more or less.
    package static let tokensPerPage: Int64 = 500

    /// `about 200 pages read, about 180 of them from the cache; about 1 page written; 2 web searches`; empty if nothing
    /// was used.
    package static func used(_ pools: [Pool: Int64]) -> String {
        func sum(_ pools: [Pool], in quantities: [Pool: Int64]) -> Int64 {
            // A sum beyond 64 bits cannot be real, and words need not be exact.
            pools.reduce(0) { $0.addingReportingOverflow(quantities[$1, default: 0]).partialValue }
        }
        var parts: [String] = []
        let read = sum(Pool.prompt, in: pools)
        let cached = pools[.cacheRead, default: 0]
        if read > 0 {
            let all = read == cached ? "all of it from the cache" : "\(pages(cached)) of that from the cache"
            parts.append("\(pages(read)) read" + (cached > 0 ? ", \(all)" : ""))
        }
        let kept = sum([.cacheWrite5m, .cacheWrite1h], in: pools)
        if kept > 0 { parts.append("\(pages(kept)) put into the cache") }
        let written = pools[.output, default: 0]
        if written > 0 { parts.append("\(pages(written)) written") }
        let searches = pools[.webSearch, default: 0]
        if searches > 0 { parts.append(searches == 1 ? "1 web search" : "\(searches) web searches") }
        for (pool, quantity) in pools.sorted(by: { $0.key < $1.key }) where quantity > 0 {
            if case .unit(let name) = pool { parts.append("\(quantity) × \(name)") }
        }
        return parts.joined(separator: "; ")
    }

    /// What became of a call, where that is more than an answer, and what it used.
    package static func call(
        _ pools: [Pool: Int64], status: UsageRecord.Status, bill: Plan.Bill, charge: Dollars
    ) -> String {
        let used = used(pools)
        let isFree = charge == .zero
        let end: String? =
            switch status {
            case .ok: used.isEmpty ? "nothing was used" : nil
            case .failed: isFree ? "failed, and was free" : "failed: what it had read is charged"
            case .aborted: isFree ? "broken off, and was free" : "broken off: what it had used is charged"
            case .refused:
                isFree ? "refused by the model, and was free" : "refused by the model after a part of the answer"
            }
        var parts = [end, used.isEmpty ? nil : used].compactMap(\.self)
        if status == .ok, isFree, !used.isEmpty { parts.append("free of charge") }
        if bill == .none, !isFree { parts.append("not billed") }
        return parts.joined(separator: "; ")
    }

    /// - Parameter call: its id.
    package static func correction(of call: String) -> String {
        "the price of \(call) turned out to be another one: the difference"
    }

    /// `about 200 pages`, to two digits.
    static func pages(_ tokens: Int64) -> String {
        let (whole, rest) = tokens.quotientAndRemainder(dividingBy: tokensPerPage)
        let pages = whole + (2 * rest >= tokensPerPage ? 1 : 0)
        if pages == 0 { return "less than half a page" }
        if pages == 1 { return "about 1 page" }
        var unit: Int64 = 1
        while pages / unit >= 100 { unit *= 10 }
        return "about \((pages + unit / 2) / unit * unit) pages"
    }
}
