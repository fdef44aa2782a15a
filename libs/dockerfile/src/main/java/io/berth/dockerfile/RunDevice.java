package io.berth.dockerfile;

/**
 * A {@code RUN --device}: a device of the builder's that a command wants.
 *
 * @param name a class or one device, such as {@code vendor.com/class=name}
 * @param required whether the command cannot do without
 */
public record RunDevice(String name, boolean required) {}
