// SPDX-License-Identifier: Apache-2.0

import Notation

/// Why a request to a running Tollgate failed.
package enum ServiceError: Error, Hashable, Sendable {
    /// Nothing answers there.
    case unreachable(url: String, cause: String)
    case timedOut(url: String)
    /// The server's certificate is not trusted, or it does not speak TLS.
    case insecure(url: String, TLSFault)
    /// An answer other than 2xx. Code and detail are the problem document's; a proxy's page gives only a detail.
    case refused(request: String, status: Int, code: String?, detail: String?)
    /// A 2xx answer that cannot be read.
    case unreadable(request: String, cause: String)

    /// How many characters of a page are searched for its title.
    private static let pageLimit = 16_384

    /// Reads an answer other than 2xx.
    package static func refused(request: String, status: Int, body: String) -> ServiceError {
        let problem: JSON
        do {
            problem = try JSON(bytes: Array(body.utf8))
        } catch {
            // A proxy's page, not Tollgate's answer: its title, or else its first line, says the most.
            let page = body.prefix(pageLimit)
            let title = page.firstMatch(of: /<title>([^<]+)<\/title>/.ignoresCase())?.output.1
            let line = title ?? page.split(whereSeparator: \.isNewline).first
            return .refused(request: request, status: status, code: nil, detail: line.map { String($0.prefix(200)) })
        }
        let detail = problem["detail"]?.string ?? problem["title"]?.string
        return .refused(request: request, status: status, code: problem["code"]?.string, detail: detail)
    }
}

extension ServiceError {
    /// Whether the request certainly had no effect. A 5xx or 408, whether from a proxy or the server, does not show
    /// whether it had one.
    var isDefinite: Bool {
        guard case .refused(_, let status, _, _) = self else { return false }
        return (400..<500).contains(status) && status != 408
    }
}

extension ServiceError: CustomStringConvertible {
    /// One line: what was asked, what came back, what to do.
    package var description: String {
        switch self {
        case .unreachable(let url, let cause):
            return "nothing answers at \(url) (\(cause)); is tollgate running, and is this its address?"
        case .insecure(let url, let fault):
            return "\(url): \(fault)"
        case .timedOut(let url):
            return "\(url) did not answer in time"
        case .unreadable(let request, let cause):
            return "\(request): the answer cannot be read: \(cause)"
        case .refused(let request, let status, let code, let detail):
            var text = "\(request): \(status)"
            if let code { text += " \(TerminalSafe.text(code))" }
            if let detail { text += ": \(TerminalSafe.text(detail))" }
            switch code {
            case "unauthenticated": return text + " (give the admin token with --token or TOLLGATE_ADMIN_TOKEN)"
            case "forbidden": return text + " (this needs the admin token, not the gateway's)"
            default: return text
            }
        }
    }
}
