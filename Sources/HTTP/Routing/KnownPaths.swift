// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Synchronization

/// The routes of a listener, used to tell a wrong method from an unknown path: Hummingbird answers both with 404. Asked
/// only when no route matched, so a walk over all of them is fast enough.
package final class KnownPaths: Sendable {
    private struct Path {
        let path: RouterPath
        var methods: Set<HTTPRequest.Method>
    }

    private let paths = Mutex<[Path]>([])

    func add(_ path: RouterPath, _ method: HTTPRequest.Method) {
        // A GET route answers HEAD too.
        let methods: Set<HTTPRequest.Method> = method == .get ? [.get, .head] : [method]
        paths.withLock { paths in
            if let known = paths.firstIndex(where: { $0.path == path }) {
                paths[known].methods.formUnion(methods)
            } else {
                paths.append(Path(path: path, methods: methods))
            }
        }
    }

    /// All of them, by template.
    package var all: [(template: String, methods: Set<HTTPRequest.Method>)] {
        paths.withLock { paths in paths.map { ($0.path.description, $0.methods) } }
    }

    /// The template of the route with this path, and the methods it answers; nil for an unknown path.
    func match(_ path: String) -> (template: String, methods: Set<HTTPRequest.Method>)? {
        let segments = path.split(separator: "/")
        return paths.withLock { paths in
            let match = paths.first { known in
                known.path.count == segments.count && zip(known.path, segments).allSatisfy { $0 ~= $1 }
            }
            return match.map { ($0.path.description, $0.methods) }
        }
    }
}
