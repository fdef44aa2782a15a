package io.berth.dockerfile;

/**
 * A pair of ENV or LABEL.
 *
 * @param legacy whether it was written {@code KEY value}
 */
public record KeyValue(String key, String value, boolean legacy) {
    /** As BuildKit's history shows it, whatever the form. */
    @Override
    public String toString() {
        return key + "=" + value;
    }
}
