package io.berth.linux.nftables;

/**
 * A table's name. Tables of different families may have the same one.
 *
 * @param name 1 to 255 bytes (NFT_TABLE_MAXNAMELEN)
 */
public record NftTable(NftFamily family, String name) {
    private static final int MAX_LENGTH = 255;

    public NftTable {
        requireName("table", name);
    }

    static void requireName(String kind, String name) {
        if (name.isEmpty() || name.length() > MAX_LENGTH || name.indexOf(0) >= 0) {
            throw new IllegalArgumentException(
                    kind + " name: " + name.length() + " characters (expected: 1 to " + MAX_LENGTH + ")");
        }
    }

    /** As in nft's own language, such as {@code inet berth}. */
    @Override
    public String toString() {
        return family + " " + name;
    }

    /** What may be asked of a table (NFT_TABLE_F_*). */
    public enum Flag {
        /**
         * Belongs to the socket that made it: others can neither change nor flush nor delete it, and it goes with the socket
         * (Linux 5.12).
         */
        OWNER(0x2),
        /** With {@link #OWNER}: it stays when the socket goes, and another one may claim it (Linux 6.9). */
        PERSIST(0x4);

        private final int bit;

        Flag(int bit) {
            this.bit = bit;
        }

        int bit() {
            return bit;
        }
    }
}
