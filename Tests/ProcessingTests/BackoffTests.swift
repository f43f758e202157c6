import Testing

@testable import Processing

@Suite struct BackoffTests {
    @Test func `an attempt waits from 5 s up to an hour, and the twelfth is the last`() {
        let whole = (1...12).map { Backoff.delay(after: $0, random: 1) }
        let seconds = [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
        #expect(whole == seconds.map { .seconds($0) } + [nil])
        #expect(Backoff.delay(after: 1_000, random: 1) == nil)
    }

    @Test(arguments: [(0, 2.5), (0.5, 3.75), (1, 5), (7, 5), (-1, 2.5)])
    func `chance takes up to half of it`(_ random: Double, _ seconds: Double) {
        #expect(Backoff.delay(after: 1, random: random) == .seconds(seconds))
    }
}
