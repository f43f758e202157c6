// SPDX-License-Identifier: Apache-2.0

/// Names that this code has given up for a term of the field.
enum RetiredNames {
    static let better: [String: String] = [
        "AccessKey": "CustomerKey",
        "AccessListening": "AccessCacheInvalidator",
        "Decider": "BatchHandler",
        "Doorbell": "WorkSignal",
        "EventOutcome": "EventTransition",
        "EventStatus": "EventState",
        "Impatience": "ForcedExit",
        "Restraint": "IngestPriority",
        "Roster": "WorkerRegistry",
        "Topic": "EventTopic",
        "Undertaker": "Rescuer",
    ]
}
