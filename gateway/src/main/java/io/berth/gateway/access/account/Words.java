package io.berth.gateway.access.account;

import java.util.List;

/** Lists of names in one column. */
final class Words {
    private Words() {}

    /** Splits at spaces; the empty text has none. */
    static List<String> of(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }
}
