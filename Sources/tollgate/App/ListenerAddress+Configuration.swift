// SPDX-License-Identifier: Apache-2.0

import HTTP
import Settings

extension ListenerAddress {
    init(_ setting: KeyPath<SettingTable, Setting<ListenAddress>>, of configuration: Configuration) {
        let address = configuration[dynamicMember: setting]
        self.init(host: address.host, port: address.port, variable: SettingTable.shared[keyPath: setting].name)
    }
}
