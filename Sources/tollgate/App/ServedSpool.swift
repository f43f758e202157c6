// SPDX-License-Identifier: Apache-2.0

import Logging
import Settings
import Spool

/// The spool of a running service, which reports at startup what it found and at the end what it still holds.
struct ServedSpool: Closable {
    let spool: Spool
    private let logger: Logger

    /// - Returns: nil if the spool is switched off.
    /// - Throws: `ConfigurationError`, which names the folder.
    static func open(_ configuration: Configuration, logger: Logger) throws(ConfigurationError) -> ServedSpool? {
        guard let directory = configuration.spoolDirectory else { return nil }
        let spool = try Spool.open(configured: directory, limit: configuration.spoolLimit)
        report(spool.recovery, logger)
        return ServedSpool(spool: spool, logger: logger)
    }

    func close() async throws {
        await spool.close()
        let left = spool.state.records
        guard left > 0 else { return }
        logger.warning(
            "events are still spooled: they go into the inbox once Tollgate runs again", metadata: ["count": "\(left)"])
    }

    private static func report(_ recovery: Recovery, _ logger: Logger) {
        for damage in recovery.damage {
            logger.error(
                "damaged bytes of the spool were set aside",
                metadata: ["file": "\(damage.file)", "bytes": "\(damage.bytes)"]
            )
        }
        for file in recovery.foreign {
            logger.error(
                "a file in the spool's folder cannot be Tollgate's: it is not read",
                metadata: [
                    "file": "\(file.path)", "reason": "\(file.reason)",
                    "moved_to": "\(file.movedTo ?? "nowhere: remove it")",
                ]
            )
        }
        for error in recovery.postponed {
            logger.error(
                "a segment of the spool cannot be read or repaired now: it will be tried again",
                metadata: ["error": "\(error)"])
        }
        if recovery.refused > 0 {
            logger.warning(
                "events in the spool's folder refused/ wait for you: read the reasons, then tollgate spool drain --trust",
                metadata: ["count": "\(recovery.refused)"])
        }
        if recovery.records > 0 {
            logger.notice("events wait in the spool", metadata: ["count": "\(recovery.records)"])
        }
    }
}
