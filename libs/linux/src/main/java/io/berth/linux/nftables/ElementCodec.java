package io.berth.linux.nftables;

import io.berth.linux.netlink.NetfilterAttributes;
import java.nio.ByteBuffer;
import java.util.List;

/** Encodes elements of sets and maps (enum nft_set_elem_attributes). */
final class ElementCodec {
    private static final int NFTA_SET_ELEM_KEY = 1;
    private static final int NFTA_SET_ELEM_DATA = 2;
    private static final int NFTA_SET_ELEM_FLAGS = 3;
    private static final int NFT_SET_ELEM_INTERVAL_END = 1;
    private static final int NFTA_DATA_VALUE = 1;

    private ElementCodec() {}

    /** An interval is two elements of the kernel's: its first key, and the first key that is not in it any more. */
    static List<ByteBuffer> encode(NftSet set, NftElement element) {
        require(set, "key", set.key(), element.key());
        if (!set.isVerdictMap()) {
            require(set, "value", set.value(), element.value());
        }
        if (set.isVerdictMap() != (element.verdict() != null) || (element.after() != null && !set.intervals())) {
            throw new IllegalArgumentException("set " + set.name() + ": element " + element);
        }
        ByteBuffer first = encode(element, element.key(), 0);
        NftValue after = element.after();
        return after == null
                ? List.of(first)
                : List.of(first, encode(element, List.of(after), NFT_SET_ELEM_INTERVAL_END));
    }

    private static ByteBuffer encode(NftElement element, List<NftValue> key, int flags) {
        NetfilterAttributes attributes = new NetfilterAttributes();
        attributes.nested(NFTA_SET_ELEM_KEY, data -> data.bytes(NFTA_DATA_VALUE, concatenate(key)));
        if (flags != 0) {
            return attributes.number(NFTA_SET_ELEM_FLAGS, flags).toBuffer();
        }
        Verdict verdict = element.verdict();
        if (verdict != null) {
            attributes.nested(NFTA_SET_ELEM_DATA, verdict::write);
        } else if (!element.value().isEmpty()) {
            attributes.nested(NFTA_SET_ELEM_DATA, data -> data.bytes(NFTA_DATA_VALUE, concatenate(element.value())));
        }
        return attributes.toBuffer();
    }

    /** One value as it is; of several each begins in a new register. */
    static ByteBuffer concatenate(List<NftValue> values) {
        if (values.size() == 1) {
            return ByteBuffer.wrap(values.getFirst().bytes());
        }
        ByteBuffer registers = ByteBuffer.allocate(
                DataType.length(values.stream().map(NftValue::type).toList()));
        values.forEach(value -> value.writeTo(registers));
        return registers.flip();
    }

    private static void require(NftSet set, String part, List<DataType> types, List<NftValue> values) {
        List<DataType> actual = values.stream().map(NftValue::type).toList();
        if (!actual.equals(types)) {
            throw new IllegalArgumentException(
                    "set " + set.name() + ": " + part + " of " + actual + " (expected: " + types + ")");
        }
    }
}
