// SPDX-License-Identifier: Apache-2.0

/// Text as a shell takes it for one word: an event's id may hold what a shell reads as more.
enum ShellWord {
    static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            let character = Character(Unicode.Scalar(byte))
            return character.isASCII && (character.isLetter || character.isNumber || "_-.".contains(character))
        }
        return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
