// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The spool's directory and its files by name. Unless noted, changes are durable on return. Every call blocks.
///
/// | file | what it is |
/// |---|---|
/// | `lock` | locked while a spool is open |
/// | `<16 digits>.spool` | a segment; the higher the number, the newer |
/// | `damaged/<16 digits>-<offset>.bin` | bytes of that segment that belong to no record |
/// | `refused/<SHA-256 of the payload>.json`, `.reason` | a payload that was refused, and why |
/// | `refused/<16 digits>.unread` | a file with a segment's name that cannot be Tollgate's |
/// | `*.tmp` | an incomplete file; removed at the next start |
struct SpoolFolder: Sendable {
    enum Part: String, CaseIterable {
        case segments = ""
        case damaged = "/damaged"
        case refused = "/refused"
    }

    let path: String

    /// In bytes: sixteen times the default segment size.
    private static let largestSegment = 64 << 20
    private static let suffix = ".spool"
    private static let digits = 16
    static let highestNumber = 9_999_999_999_999_999

    static func name(ofSegment number: Int) -> String { padded(number) + suffix }

    private static func padded(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    func path(ofSegment number: Int) -> String { path + "/" + Self.name(ofSegment: number) }

    private func path(_ part: Part) -> String { path + part.rawValue }

    // MARK: Opening

    /// Creates what is missing, including all parents.
    /// - Throws: `cannotOpen`.
    func make() throws(SpoolError) {
        try Self.makeFolder(path)
        // Report the path itself, which somebody configured, rather than a subfolder that cannot be created.
        var status = stat()
        guard stat(path, &status) == 0 else { throw .cannotOpen(path: path, reason: OpenFile.systemError) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .cannotOpen(path: path, reason: String(cString: strerror(ENOTDIR)))
        }
        for part in Part.allCases where part != .segments { try Self.makeFolder(path(part)) }
    }

    /// Recreates subfolders that somebody has removed. If that fails, the next write into one reports it.
    func makeParts() {
        for part in Part.allCases where part != .segments { _ = mkdir(path(part), 0o700) }
    }

    private static func makeFolder(_ path: String) throws(SpoolError) {
        let isCreated = mkdir(path, 0o700) == 0
        if !isCreated {
            if errno == EEXIST { return }
            guard errno == ENOENT, let parent = parent(of: path) else {
                throw .cannotOpen(path: path, reason: OpenFile.systemError)
            }
            try makeFolder(parent)
            guard mkdir(path, 0o700) == 0 else { throw .cannotOpen(path: path, reason: OpenFile.systemError) }
        }
        do {
            try syncFolder(parent(of: path) ?? ".")
        } catch {
            throw .cannotOpen(path: path, reason: "\(error)")
        }
    }

    private static func parent(of path: String) -> String? {
        var rest = Substring(path)
        while rest.count > 1, rest.last == "/" { rest = rest.dropLast() }
        guard let slash = rest.lastIndex(of: "/") else { return nil }
        return slash == rest.startIndex ? (rest.count > 1 ? "/" : nil) : String(rest[..<slash])
    }

    /// Whatever is here becomes events, so nobody else may put anything here.
    /// - Throws: `unsafe`, `cannotOpen`.
    func checkOwner() throws(SpoolError) {
        for part in Part.allCases {
            // The dot follows a link: the operator may have put the folder itself elsewhere.
            let place = part == .segments ? path + "/." : path(part)
            var status = stat()
            guard lstat(place, &status) == 0 else { throw .cannotOpen(path: path(part), reason: OpenFile.systemError) }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw .unsafe(path: path(part), reason: "it is not a folder of its own")
            }
            guard status.st_uid == geteuid() else {
                throw .unsafe(
                    path: path(part), reason: "it belongs to user \(status.st_uid), Tollgate runs as user \(geteuid())")
            }
            guard status.st_mode & S_IWOTH == 0 else {
                throw .unsafe(path: path(part), reason: "everybody may write to it")
            }
            // Orchestrators give a volume to a group at every start. A group member's file is recognised by its owner.
            if status.st_mode & S_IWGRP != 0, chmod(place, 0o700) != 0 {
                throw .unsafe(path: path(part), reason: "its group may write to it")
            }
        }
    }

    /// The user that the folder belongs to. A process that only looks may run as another.
    /// - Throws: `cannotRead`.
    private func owner() throws(SpoolError) -> uid_t {
        var status = stat()
        guard stat(path + "/.", &status) == 0 else { throw .cannotRead(path: path, reason: OpenFile.systemError) }
        return status.st_uid
    }

    private var lockPath: String { path + "/lock" }

    /// Nil if the path leads to no folder.
    /// - Throws: `cannotRead`.
    func identity() throws(SpoolError) -> FileIdentity? { try FileIdentity.at(path + "/.") }

    /// Nil if there is none.
    /// - Throws: `cannotRead`.
    func lockIdentity() throws(SpoolError) -> FileIdentity? { try FileIdentity.at(lockPath) }

    /// - Parameter waits: whether to wait a moment for the process that holds it.
    /// - Throws: `inUse`, `unsafe`, `cannotOpen`, `cannotRead`.
    func lock(waits: Bool) throws(SpoolError) -> OpenFile {
        guard let file = OpenFile(lockPath, for: .lock) else {
            throw .cannotOpen(path: lockPath, reason: OpenFile.systemError)
        }
        if let reason = try file.foreignReason(owner: geteuid(), limit: 0) {
            throw .unsafe(path: lockPath, reason: reason)
        }
        guard let code = file.lock(waits: waits) else { return file }
        if code == EWOULDBLOCK { throw .inUse(directory: path) }
        throw .cannotOpen(path: lockPath, reason: String(cString: strerror(code)))
    }

    /// Writes nothing: a full disk must not prevent draining what is here.
    /// - Throws: `cannotOpen`.
    func checkWritable() throws(SpoolError) {
        for part in Part.allCases {
            guard access(path(part), R_OK | W_OK | X_OK) == 0 else {
                throw .cannotOpen(path: path(part), reason: OpenFile.systemError)
            }
        }
    }

    /// Removes the incomplete files of a process that was killed: what they were made from is still there.
    /// - Throws: `cannotRead`, `cannotWrite`.
    func removeIncompleteFiles() throws(SpoolError) {
        for part in Part.allCases {
            for name in try names(in: part) where name.hasSuffix(".tmp") { try unlink(path(part) + "/" + name) }
        }
    }

    // MARK: Segments

    /// In ascending order.
    /// - Throws: `cannotRead`.
    func segmentNumbers() throws(SpoolError) -> [Int] {
        try names(in: .segments)
            .filter { $0.hasSuffix(Self.suffix) }
            .compactMap { Self.number($0.dropLast(Self.suffix.count)) }
            .sorted()
    }

    /// One above every number that has left a file, so that no file is ever mistaken for another; if the highest number
    /// is taken, the lowest free one.
    /// - Throws: `cannotRead`.
    func nextSegmentNumber() throws(SpoolError) -> Int {
        let damaged = try names(in: .damaged).compactMap { Self.number($0.prefix(Self.digits)) }
        let used = Set(try segmentNumbers() + damaged)
        let next = (used.max() ?? 0) + 1
        return next <= Self.highestNumber ? next : (1...used.count + 1).first { !used.contains($0) } ?? next
    }

    private static func number(_ text: Substring) -> Int? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    /// Nil when there is no such segment.
    /// - Throws: `foreign`, `cannotRead`.
    func readSegment(_ number: Int) throws(SpoolError) -> [UInt8]? {
        try read(path(ofSegment: number), limit: Self.largestSegment)
    }

    /// Not durable by itself: the caller syncs the file and, before relying on it, the folder.
    /// - Returns: nil if a file of that name exists.
    /// - Throws: `cannotWrite`.
    func createSegment(_ number: Int) throws(SpoolError) -> OpenFile? {
        guard let file = OpenFile(path(ofSegment: number), for: .create) else {
            if errno == EEXIST { return nil }
            throw .cannotWrite(path: path(ofSegment: number), reason: OpenFile.systemError)
        }
        return file
    }

    /// Replaces the segment's bytes atomically.
    /// - Throws: `cannotWrite`.
    func replaceSegment(_ number: Int, with bytes: [UInt8]) throws(SpoolError) {
        try replace(Self.name(ofSegment: number), in: .segments, with: bytes)
    }

    /// Needs no disk space, unlike `replaceSegment`.
    /// - Throws: `cannotWrite`.
    func cutSegment(_ number: Int, to length: Int) throws(SpoolError) {
        guard let file = OpenFile(path(ofSegment: number), for: .change) else {
            throw .cannotWrite(path: path(ofSegment: number), reason: OpenFile.systemError)
        }
        try file.truncate(to: length)
        try file.sync()
    }

    /// - Throws: `cannotWrite`.
    func removeSegment(_ number: Int) throws(SpoolError) {
        try unlink(path(ofSegment: number))
        try sync()
    }

    /// Removes a segment that was just created and is empty.
    /// - Throws: `cannotWrite`.
    func discardSegment(_ number: Int) throws(SpoolError) { try unlink(path(ofSegment: number)) }

    // MARK: Setting aside

    /// Idempotent: repeating it with the same bytes after a crash makes no second file.
    /// - Throws: `cannotRead`, `cannotWrite`.
    func setAsideDamage(_ bytes: [UInt8], ofSegment number: Int, at offset: Int) throws(SpoolError) -> Damage {
        var name = "\(Self.padded(number))-\(offset).bin"
        var attempt = 1
        while try isTaken(path(.damaged) + "/" + name, by: bytes) {
            attempt += 1
            name = "\(Self.padded(number))-\(offset)-\(attempt).bin"
        }
        // Written even if it exists: it may never have been fsynced.
        try replace(name, in: .damaged, with: bytes)
        return Damage(file: "damaged/" + name, bytes: bytes.count)
    }

    /// Whether a file with other content has that name.
    private func isTaken(_ path: String, by bytes: [UInt8]) throws(SpoolError) -> Bool {
        do {
            guard let existing = try read(path, limit: Self.largestSegment) else { return false }
            return existing != bytes
        } catch .foreign {
            return true
        }
    }

    /// Moves a file that is not one of Tollgate's segments out of the way, without reading it.
    /// - Returns: where it is now, below the spool's directory.
    /// - Throws: `cannotWrite`; the file may then still be where it was.
    func setAsideUnread(_ number: Int) throws(SpoolError) -> String {
        var name = Self.padded(number) + ".unread"
        var attempt = 1
        while access(path(.refused) + "/" + name, F_OK) == 0 {
            attempt += 1
            name = "\(Self.padded(number))-\(attempt).unread"
        }
        guard rename(path(ofSegment: number), path(.refused) + "/" + name) == 0 else {
            throw .cannotWrite(path: path(ofSegment: number), reason: OpenFile.systemError)
        }
        try Self.syncFolder(path(.refused))
        try sync()
        return "refused/" + name
    }

    /// - Throws: `cannotWrite`.
    func refuse(_ payload: [UInt8], sha256: String, reason: String) throws(SpoolError) {
        try replace(sha256 + ".json", in: .refused, with: payload)
        try replace(sha256 + ".reason", in: .refused, with: Array(reason.utf8))
    }

    /// The names that `refuse` gave, in no particular order.
    /// - Throws: `cannotRead`.
    func refusedNames() throws(SpoolError) -> [String] {
        try names(in: .refused).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(".json".count)) }
    }

    /// What `refuse` kept; nil when it is gone.
    /// - Throws: `foreign`, `cannotRead`.
    func readRefused(_ sha256: String) throws(SpoolError) -> (payload: [UInt8], reason: String)? {
        let place = path(.refused) + "/" + sha256
        guard let payload = try read(place + ".json", limit: SpooledRecord.payloadLimit) else { return nil }
        // If the process was killed between the two files, only the payload is known.
        let reason = try read(place + ".reason", limit: SpooledRecord.payloadLimit) ?? []
        return (payload, String(decoding: reason, as: UTF8.self))
    }

    /// - Throws: `cannotWrite`.
    func removeRefused(_ sha256: String) throws(SpoolError) {
        for suffix in [".json", ".reason"] { try unlink(path(.refused) + "/" + sha256 + suffix) }
        try Self.syncFolder(path(.refused))
    }

    /// Tests whether a file can be written and synced now. It has a page of content, so that a full disk is noticed.
    /// - Throws: `cannotWrite`.
    func probe() throws(SpoolError) {
        let probePath = path + "/probe.tmp"
        try write([UInt8](repeating: 0, count: 4096), to: probePath)
        try unlink(probePath)
    }

    // MARK: Files

    /// - Throws: `cannotWrite`.
    func sync() throws(SpoolError) { try Self.syncFolder(path) }

    private func replace(_ name: String, in part: Part, with bytes: [UInt8]) throws(SpoolError) {
        let target = path(part) + "/" + name
        try write(bytes, to: target + ".tmp")
        guard rename(target + ".tmp", target) == 0 else {
            throw .cannotWrite(path: target, reason: OpenFile.systemError)
        }
        try Self.syncFolder(path(part))
    }

    private func write(_ bytes: [UInt8], to path: String) throws(SpoolError) {
        guard let file = OpenFile(path, for: .overwrite) else {
            throw .cannotWrite(path: path, reason: OpenFile.systemError)
        }
        do {
            try file.write(bytes)
            try file.sync()
        } catch {
            // Half a file must not help keep the disk full. If this fails too, the next start removes it.
            Glibc.unlink(path)
            throw error
        }
    }

    /// A missing file counts as removed.
    private func unlink(_ path: String) throws(SpoolError) {
        guard Glibc.unlink(path) == 0 || errno == ENOENT else {
            throw .cannotWrite(path: path, reason: OpenFile.systemError)
        }
    }

    private func read(_ path: String, limit: Int) throws(SpoolError) -> [UInt8]? {
        guard let file = OpenFile(path, for: .read) else {
            if errno == ENOENT { return nil }
            let reason = OpenFile.systemError
            if let foreignReason = try foreignReason(at: path) { throw .foreign(path: path, reason: foreignReason) }
            throw .cannotRead(path: path, reason: reason)
        }
        if let reason = try file.foreignReason(owner: owner(), limit: limit) {
            throw .foreign(path: path, reason: reason)
        }
        return try file.readAll()
    }

    /// Why a file that cannot be opened is not Tollgate's, as far as can be told; nil if it may be. That the system
    /// refuses to open it proves nothing: the folder may briefly belong to another user, or the disk may be failing.
    /// - Throws: `cannotRead`.
    private func foreignReason(at path: String) throws(SpoolError) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .cannotRead(path: path, reason: OpenFile.systemError) }
        let owner = try owner()
        switch status.st_mode & S_IFMT {
        case S_IFLNK: return "it is a link"
        case S_IFREG where status.st_uid == owner: return nil
        case S_IFREG: return "it belongs to user \(status.st_uid), the folder to user \(owner)"
        default: return "it is not a regular file"
        }
    }

    private static func syncFolder(_ path: String) throws(SpoolError) {
        // The dot follows a link: the operator may have put the folder elsewhere.
        guard let folder = OpenFile(path + "/.", for: .read) else {
            throw .cannotWrite(path: path, reason: OpenFile.systemError)
        }
        try folder.sync()
    }

    /// The names of everything in it; empty if the part itself is missing.
    /// - Throws: `cannotRead`.
    func names(in part: Part) throws(SpoolError) -> [String] {
        guard let stream = opendir(path(part)) else {
            if errno == ENOENT, part != .segments { return [] }
            throw .cannotRead(path: path(part), reason: OpenFile.systemError)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            // The kernel ends every name with NUL.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
                    String(cString: $0)
                }
            }
            names.append(name)
        }
        guard errno == 0 else { throw .cannotRead(path: path(part), reason: OpenFile.systemError) }
        return names
    }
}
