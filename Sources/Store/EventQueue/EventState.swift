// SPDX-License-Identifier: Apache-2.0

/// The state of an event. Only `EventTransition` leads from one state to another, and only `EventRows` writes it.
///
/// ```
///                             processed
///                 ┌─────────────────────────────► processed ───┐
///                 │           ignored                          │
///                 ├─────────────────────────────► ignored ─────┤
///                 │                                  ▲         │
///   received      │ failed                 dismissed │         │ requeued
/// ────────────► pending ────────────────────────► failed ──────┤
///   │           ▲ │ ▲ │                              │         │
///   │           │ │ └─┘ suspected, crashed           │         │
///   │           │ │ quarantined            dismissed │         │
///   │           │ └─────────────────────────► quarantined ─────┤
///   │           │                                ▲             │
///   │           └────────────────────────────────┼─────────────┘
///   └────────────────────────────────────────────┘
///     received, and no event
/// ```
package enum EventState: String, Sendable, Hashable, CaseIterable {
    /// It waits for a worker, since `event_work.run_at`. Being taken by a worker does not change that: if the attempt
    /// is given up, or its process or connection dies, the event waits as before and nothing counts as an attempt. One
    /// that a process died of is a suspect (`event_work.crashes` above 0): it is handled alone, and eventually fails.
    case pending

    /// What it says is in the accounts. Its payload is removed once it is old, and later the event, with its attempts.
    case processed

    /// It was understood and changes nothing, or an operator dismissed it; `event_work.detail` says why. Retention
    /// treats it as processed.
    case ignored

    /// It could not be taken in, or not completely; `event_work.error` says why. It stays visible to operators, who fix
    /// the cause and have it requeued, or dismiss it. Retention leaves it alone.
    case failed

    /// Its payload is not an event for this version: on receipt, or still after a replay. Otherwise like `failed`.
    case quarantined
}
