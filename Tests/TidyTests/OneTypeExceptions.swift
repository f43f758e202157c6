// SPDX-License-Identifier: Apache-2.0

/// Files with more than one type that is not private, or with a type that they are not named after.
enum OneTypeExceptions {
    private static let small = "small values that only the type of the file's name gives or takes"

    static let reasons: [String: String] = [
        "Sources/Postgres/PostgresCodable.swift": "the protocol, and the types of PostgreSQL that it names",
        "Sources/HTTP/Hot/HotExchange.swift": "the protocol, and its only implementation",
        "Sources/Settings/SettingReading.swift": small,
        "Sources/Store/EventQueue/Dismissal.swift": small,
    ]
}
