// SPDX-License-Identifier: Apache-2.0

import API
import Store

extension EventState {
    init(_ word: EventsAPI.StatusWord) {
        switch word {
        case .pending: self = .pending
        case .processed: self = .processed
        case .ignored: self = .ignored
        case .failed: self = .failed
        case .quarantined: self = .quarantined
        }
    }
}
