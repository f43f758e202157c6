// SPDX-License-Identifier: Apache-2.0

import StripeAPI
import Testing

@Suite struct StripeCircuitTests {
    private let start = ContinuousClock.now

    private func expect(_ isAdmitted: Bool, _ expected: Bool, _ place: SourceLocation = #_sourceLocation) {
        #expect(isAdmitted == expected, sourceLocation: place)
    }

    private func opened() -> StripeCircuit {
        var circuit = StripeCircuit()
        for _ in 0..<5 { circuit.failed(at: start, random: 1) }
        return circuit
    }

    @Test func `it opens after five failures in a row, not after five in all`() {
        var circuit = StripeCircuit()
        for _ in 0..<20 {
            for _ in 0..<4 { circuit.failed(at: start, random: 1) }
            circuit.served()
        }
        expect(circuit.admit(at: start), true)
        circuit = opened()
        expect(circuit.admit(at: start), false)
        expect(circuit.admit(at: start + .milliseconds(4999)), false)
    }

    @Test func `then one request finds out, and the others wait for it`() {
        var circuit = opened()
        let later = start + .seconds(5)
        expect(circuit.admit(at: later), true)
        expect(circuit.admit(at: later), false)
        circuit.served()
        expect(circuit.admit(at: later), true)
        expect(circuit.admit(at: later), true)
    }

    @Test func `each failure of that one doubles the pause, to a minute at most`() {
        var circuit = opened()
        var now = start + .seconds(5)
        for pause in [10, 20, 40, 60, 60] {
            expect(circuit.admit(at: now), true)
            circuit.failed(at: now, random: 1)
            expect(circuit.admit(at: now + .seconds(pause) - .milliseconds(1)), false)
            now += .seconds(pause)
        }
    }

    @Test func `one of which nothing was heard does not keep it open for ever`() {
        var circuit = opened()
        let probe = start + .seconds(5)
        expect(circuit.admit(at: probe), true)
        expect(circuit.admit(at: probe + .seconds(119)), false)
        expect(circuit.admit(at: probe + .seconds(120)), true)
    }
}
