// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// Why a listener could not bind, in one line for the operator.
package struct ListenerError: Error, CustomStringConvertible {
    package let address: ListenerAddress
    package let reason: String

    init(address: ListenerAddress, cause: any Error) {
        self.address = address
        switch cause {
        case let error as IOError:
            reason = String(cString: strerror(error.errnoCode)).lowercased()
        case is SocketAddressError:
            reason = "the host name is not known"
        default:
            reason = "\(cause)"
        }
    }

    package var description: String { "\(address.variable) \(address): \(reason)" }
}
