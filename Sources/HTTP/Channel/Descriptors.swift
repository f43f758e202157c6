// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file descriptors of this process. Each connection takes one.
package enum Descriptors {
    /// Kept for everything except the listeners' connections: the database, the spool, the log, the event loops.
    static let reserve = 128

    /// The event loops, the database's connections, the spool and a few requests.
    static let minimum = 64

    /// Raises the limit to the highest that the system allows: a service manager's default, 1024, is meant for programs
    /// that pass descriptors to `select`.
    /// - Returns: the limit that now holds; nil if there is none, or it cannot be determined.
    /// - Throws: `TooFewDescriptors`.
    package static func raiseLimit() throws(TooFewDescriptors) -> Int? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        guard let raisedTo = Int(exactly: limit.rlim_cur) else { return nil }
        guard raisedTo >= minimum else { throw TooFewDescriptors(limit: raisedTo) }
        return raisedTo
    }
}

extension ListenerLimits {
    /// Divides the process's descriptors between its listeners: a flood on the public one cannot block the private one.
    package func sharing(_ descriptors: Int?) -> (public: ListenerLimits, private: ListenerLimits) {
        guard let descriptors, let wanted = connections else { return (self, self) }
        let all = max(descriptors - Descriptors.reserve, 8)
        var (outside, inside) = (self, self)
        inside.connections = min(wanted, all / 4)
        outside.connections = min(wanted, all - all / 4)
        return (outside, inside)
    }
}
