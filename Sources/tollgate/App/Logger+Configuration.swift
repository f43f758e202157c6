// SPDX-License-Identifier: Apache-2.0

import Logging
import Settings
import Telemetry

extension Logger {
    init(label: String, _ configuration: Configuration) {
        self.init(label: label) { label in
            TollgateLogHandler(
                label: label,
                format: configuration.logFormat,
                level: configuration.logLevel
            )
        }
    }
}
