// SPDX-License-Identifier: Apache-2.0

import Console
import Notation
import Settings

/// The settings in force, for people and for programs. Neither form contains a secret.
enum SettingsReport {
    static func lines(_ report: ConfigurationReport, for profile: Profile, _ terminal: Terminal) -> [String] {
        var table = TextTable("SETTING", "VALUE", "FROM")
        for reading in report.readings {
            table.add(reading.setting.name, value(of: reading, for: profile), origin(of: reading))
        }
        return table.lines(terminal)
    }

    static func document(_ report: ConfigurationReport, for profile: Profile) -> JSON {
        [
            "settings": .array(report.readings.map { document($0, for: profile, report.standards) }),
            "faults": .array(
                report.faults.map { ["variable": .string($0.variable), "reason": .string($0.reason)] }),
        ]
    }

    private static func document(_ reading: SettingReading, for profile: Profile, _ standards: Profile) -> JSON {
        let setting = reading.setting
        let standard = setting.defaultText(SettingCircumstances(profile: standards))
        return [
            "name": .string(setting.name),
            "value": reading.shown.map(JSON.string) ?? .null,
            "from": origin(of: reading).map(JSON.string) ?? .null,
            "default": standard.map(JSON.string) ?? .null,
            "secret": .bool(setting.isSecret),
            "required": .bool(setting.neededBy.contains(profile)),
            "meaning": .string(setting.meaning),
        ]
    }

    private static func value(of reading: SettingReading, for profile: Profile) -> String {
        if reading.fault != nil { return "WRONG" }
        if let shown = reading.shown { return shown }
        if profile == .dev, reading.setting.isSecret { return "made by dev" }
        return reading.setting.neededBy.contains(profile) ? "MISSING" : "not set"
    }

    private static func origin(of reading: SettingReading) -> String? {
        switch reading.origin {
        case .environment: "environment"
        case .file(let path): path
        case .development: DevelopmentEnvironment.path
        case .standard: reading.shown == nil ? nil : "default"
        }
    }
}
