import Glibc
import Logging
import UnixSignals

/// The first signal asks for an orderly end, a second one ends at once: whoever presses Ctrl-C twice means it.
enum Impatience {
    static func watch(_ logger: Logger) -> Task<Void, Never> {
        Task {
            var isAsked = false
            for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                if isAsked {
                    logger.warning("stopped at once", metadata: ["signal": "\(signal)"])
                    _exit(1)
                }
                isAsked = true
                logger.info("asked to stop", metadata: ["signal": "\(signal)"])
            }
        }
    }
}
