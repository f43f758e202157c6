// SPDX-License-Identifier: Apache-2.0

import Settings

extension Configuration {
    /// Checks that the listeners could listen, without touching another process's port.
    /// - Parameter isPublic: whether there is a public one.
    func checkAddresses(isPublic: Bool = true) throws {
        let table = SettingTable.shared
        try ListenProbe.check(
            (isPublic ? [(table.publicAddress.name, self.publicAddress)] : [])
                + [(table.privateAddress.name, self.privateAddress)])
    }
}
