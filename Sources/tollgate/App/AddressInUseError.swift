// SPDX-License-Identifier: Apache-2.0

import Settings

/// Another process listens there: not a configuration error, because that process may end.
struct AddressInUseError: Error, CustomStringConvertible {
    let variable: String
    let address: ListenAddress

    var description: String {
        """
        \(variable) \(address): address already in use; stop what listens there, or set \(variable) to another port, \
        such as \(ListenAddress(host: address.host, port: address.port == 65535 ? 8090 : address.port + 10))
        """
    }
}
