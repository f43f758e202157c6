// SPDX-License-Identifier: Apache-2.0

import Foundation
import Subprocess

/// A name server that stops answering: replaces the C library's look-up of one name in a process.
struct SilentLookUp {
    static let host = "silent.invalid"

    struct NotBuilt: Error {
        let errors: String
    }

    private let library: String
    private let silent: String

    init(in folder: String) async throws {
        library = "\(folder)/silent.so"
        silent = "\(folder)/silent"
        let source = "\(folder)/silent.c"
        try Self.source.write(toFile: source, atomically: false, encoding: .utf8)
        let compiler = try await Subprocess.run(
            .name("clang"), arguments: ["-shared", "-fPIC", "-o", library, source], output: .discarded,
            error: .string(limit: 4096))
        guard compiler.terminationStatus.isSuccess else { throw NotBuilt(errors: compiler.standardError) }
    }

    var environment: [String: String] { ["LD_PRELOAD": library, "SILENT": silent] }

    /// From now on look-ups hang; before that, the name is unknown.
    func fallSilent() throws {
        try Data().write(to: URL(filePath: silent))
    }

    /// Whether a look-up is waiting for an answer.
    var hangs: Bool { FileManager.default.fileExists(atPath: "\(silent).hangs") }

    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <fcntl.h>
        #include <netdb.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>

        int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
            const char *silent = getenv("SILENT");
            if (node && silent && !strcmp(node, "\(host)")) {
                if (access(silent, F_OK)) return EAI_AGAIN;
                char path[4096];
                snprintf(path, sizeof path, "%s.hangs", silent);
                close(open(path, O_CREAT | O_WRONLY, 0600));
                for (;;) pause();
            }
            int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
                dlsym(RTLD_NEXT, "getaddrinfo");
            return next(node, service, hints, result);
        }
        """
}
