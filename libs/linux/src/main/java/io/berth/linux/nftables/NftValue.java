package io.berth.linux.nftables;

import io.berth.linux.netlink.MacAddress;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** A value of some {@link DataType}, as its bytes in a packet or in the kernel's registers. Immutable. */
public final class NftValue {
    private final DataType type;
    private final byte[] bytes;

    private NftValue(DataType type, byte[] bytes) {
        if (bytes.length != type.length()) {
            throw new IllegalArgumentException(type + ": " + bytes.length + " bytes (expected: " + type.length() + ")");
        }
        this.type = type;
        this.bytes = bytes;
    }

    public static NftValue address(InetAddress address) {
        return new NftValue(
                address instanceof Inet4Address ? DataType.IPV4_ADDRESS : DataType.IPV6_ADDRESS, address.getAddress());
    }

    public static NftValue mac(MacAddress address) {
        return new NftValue(DataType.ETHER_ADDRESS, address.bytes());
    }

    /** @param port 0 to 65535 */
    public static NftValue port(int port) {
        return number(DataType.INET_SERVICE, port);
    }

    /** @param number IPPROTO_* of linux/in.h */
    public static NftValue protocol(int number) {
        return number(DataType.INET_PROTOCOL, number);
    }

    /**
     * The name of an interface.
     *
     * @param name 1 to 15 bytes
     */
    public static NftValue interfaceName(String name) {
        byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
        int room = DataType.INTERFACE_NAME.length();
        if (encoded.length == 0 || encoded.length >= room) {
            throw new IllegalArgumentException("interface name: \"" + name + "\" (expected: 1 to 15 bytes)");
        }
        return new NftValue(DataType.INTERFACE_NAME, Arrays.copyOf(encoded, room));
    }

    /** A number of a type's length, in its byte order. */
    public static NftValue number(DataType type, int value) {
        ByteBuffer buffer = ByteBuffer.allocate(type.length())
                .order(type.hostOrder() ? ByteOrder.nativeOrder() : ByteOrder.BIG_ENDIAN);
        if (type.length() < Integer.BYTES && value >>> (type.length() * Byte.SIZE) != 0) {
            throw new IllegalArgumentException(type + ": " + value + " (expected: " + type.length() + " bytes)");
        }
        switch (type.length()) {
            case 1 -> buffer.put((byte) value);
            case 2 -> buffer.putShort((short) value);
            case 4 -> buffer.putInt(value);
            default -> throw new IllegalArgumentException(type + " is no number");
        }
        return new NftValue(type, buffer.array());
    }

    public DataType type() {
        return type;
    }

    /** A copy of its bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Puts it where a register begins, and fills the last register with zeros. */
    void writeTo(ByteBuffer registers) {
        registers.put(bytes);
        for (int i = bytes.length; i < type.registers() * DataType.REGISTER_BYTES; i++) {
            registers.put((byte) 0);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NftValue value && value.type == type && Arrays.equals(value.bytes, bytes);
    }

    @Override
    public int hashCode() {
        return 31 * type.hashCode() + Arrays.hashCode(bytes);
    }

    /** Its bytes in hexadecimal. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
