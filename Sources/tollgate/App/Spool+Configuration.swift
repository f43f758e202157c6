// SPDX-License-Identifier: Apache-2.0

import Settings
import Spool

extension Spool {
    /// - Throws: `ConfigurationError`: what keeps a spool from opening is fixed where its directory is configured.
    static func open(configured directory: String, limit: Int) throws(ConfigurationError) -> Spool {
        do {
            return try open(directory: directory, limit: limit)
        } catch {
            throw fault("\(error)", directory)
        }
    }

    /// - Throws: `ConfigurationError`, likewise.
    static func list(configured directory: String) throws(ConfigurationError) -> SpoolInventory {
        do {
            return try list(directory: directory)
        } catch .cannotRead(let path, let reason) where path == directory {
            throw fault(
                "no spool can be read there: \(reason); name the server's, or run this in its folder", directory)
        } catch {
            throw fault("\(error)", directory)
        }
    }

    /// A default or a relative path leads elsewhere in every folder, so both forms are shown, once.
    private static func fault(_ reason: String, _ directory: String) -> ConfigurationError {
        let place = AbsolutePath.of(directory)
        let now = place == directory ? directory : "\(directory), which is \(place)"
        var told = "is now \(now): \(reason)"
        if let named = reason.firstRange(of: " \(directory)") {
            let both = place == directory ? directory : "\(directory) (\(place))"
            told = "\(reason[..<named.lowerBound]) \(both)\(reason[named.upperBound...])"
        }
        return ConfigurationError(variable: SettingTable.shared.spoolDirectory.name, reason: told)
    }
}
