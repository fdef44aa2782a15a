package io.berth.engine.log;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Where characters end in UTF-8. */
final class Utf8 {
    private Utf8() {}

    /**
     * How many of the first {@code length} bytes end with a whole character, so that a part of a line does not tear one;
     * all of them when the end is no beginning of a character either.
     */
    static int wholeCharacters(byte[] content, int offset, int length) {
        for (int back = 1; back <= 3 && back <= length; back++) {
            byte b = content[offset + length - back];
            if ((b & 0xC0) == 0xC0) {
                CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
                CoderResult result = decoder.decode(
                        ByteBuffer.wrap(content, offset + length - back, back), CharBuffer.allocate(4), false);
                return result.isUnderflow() && needed(b) > back ? length - back : length;
            }
            if (b >= 0) {
                return length;
            }
        }
        return length;
    }

    private static int needed(byte lead) {
        int bits = lead & 0xFF;
        if (bits >= 0xF0) {
            return 4;
        }
        return bits >= 0xE0 ? 3 : 2;
    }
}
