/// A wait that grows while something stays away: 0.1 s up to 2 s, with jitter, so that workers do not return as
/// one when a database comes back.
struct Pause {
    private var step: Duration = .milliseconds(100)

    mutating func reset() {
        step = .milliseconds(100)
    }

    mutating func next() async {
        let delay = step * Double.random(in: 0.5...1)
        step = min(step * 2, .seconds(2))
        // A pause that is cut short by cancellation is over.
        try? await Task.sleep(for: delay)
    }
}
