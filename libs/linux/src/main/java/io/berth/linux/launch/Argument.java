package io.berth.linux.launch;

import java.util.List;
import java.util.Objects;

/**
 * An argument of a step, as it can be read back: a register value, or something whose address the child passes.
 *
 * <p>Immutable. Addresses exist only while a program is launched; what is equal here may share one address.
 */
public sealed interface Argument
        permits Argument.Text, Argument.Texts, Argument.ScratchAddress, Argument.Structure, FdArgument {
    /** A null pointer, or zero. */
    FdArgument.Value NULL = new FdArgument.Value(0);

    /** A number, passed as 64 bits; negative ones are sign-extended. */
    static FdArgument.Value of(long value) {
        return new FdArgument.Value(value);
    }

    /** The address of a NUL-terminated string. */
    static Text of(String text) {
        return new Text(text);
    }

    /**
     * The address of a NUL-terminated string, encoded by {@link io.berth.linux.FileNameCodec}.
     *
     * @param text without NUL
     */
    record Text(String text) implements Argument {
        public Text {
            if (text.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("string holds a NUL character");
            }
        }

        @Override
        public String toString() {
            return '"' + text + '"';
        }
    }

    /**
     * The address of a NULL-terminated array of pointers to NUL-terminated strings, as argv and envp are.
     *
     * @param texts without NUL
     */
    record Texts(List<String> texts) implements Argument {
        public Texts {
            texts = List.copyOf(texts);
            for (String text : texts) {
                if (text.indexOf('\0') >= 0) {
                    throw new IllegalArgumentException("string holds a NUL character");
                }
            }
        }

        @Override
        public String toString() {
            return texts.toString();
        }
    }

    /**
     * The address of a byte of a scratch area.
     *
     * @param offset in bytes from the area's start
     */
    record ScratchAddress(Scratch scratch, int offset) implements Argument {
        public ScratchAddress {
            Objects.checkIndex(offset, scratch.size());
        }

        @Override
        public String toString() {
            return "&" + scratch.name() + "[" + offset + "]";
        }
    }

    /** The address of a structure in the kernel's layout. */
    record Structure(Blob blob) implements Argument {
        @Override
        public String toString() {
            return blob.toString();
        }
    }
}
