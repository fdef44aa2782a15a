package io.berth.linux.nftables;

import java.util.List;

/**
 * A named set, or a map, of a table: its declaration, without elements.
 *
 * @param key types of the parts of an element's key
 * @param value types of the parts of what an element is mapped to; empty for a set
 * @param intervals whether elements are ranges, such as prefixes, of keys of one part
 */
public record NftSet(String name, List<DataType> key, List<DataType> value, boolean intervals) {
    public NftSet {
        NftTable.requireName("set", name);
        key = List.copyOf(key);
        value = List.copyOf(value);
        if (key.isEmpty() || (intervals && key.size() > 1)) {
            throw new IllegalArgumentException("set " + name + ": a key of " + key.size() + " parts");
        }
    }

    /** A set of keys. */
    public static NftSet of(String name, DataType... key) {
        return new NftSet(name, List.of(key), List.of(), false);
    }

    /** A set of address prefixes, or other ranges. */
    public static NftSet ofIntervals(String name, DataType key) {
        return new NftSet(name, List.of(key), List.of(), true);
    }

    /** This set as a map to values of such types; {@link DataType#VERDICT} alone for a verdict map. */
    public NftSet to(DataType... newValue) {
        return new NftSet(name, key, List.of(newValue), intervals);
    }

    boolean isMap() {
        return !value.isEmpty();
    }

    boolean isVerdictMap() {
        return value.equals(List.of(DataType.VERDICT));
    }
}
