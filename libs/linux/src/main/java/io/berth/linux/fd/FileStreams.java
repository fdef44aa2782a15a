package io.berth.linux.fd;

import io.berth.linux.SyscallException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Supplier;

/** Java streams over a {@link FileHandle}. Unbuffered; kernel errors become {@link IOException}. */
final class FileStreams {
    private static final int TRANSFER = 64 * 1024;

    private FileStreams() {}

    private static <T> T io(Supplier<T> call) throws IOException {
        try {
            return call.get();
        } catch (SyscallException | IllegalStateException e) { // the kernel's refusal, or a closed descriptor
            throw new IOException(e.getMessage(), e);
        }
    }

    static final class Input extends InputStream {
        private final FileHandle file;

        Input(FileHandle file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return length == 0 ? 0 : io(() -> file.read(target, offset, length));
        }

        @Override
        public long transferTo(OutputStream out) throws IOException {
            if (out instanceof Output output) {
                return io(() -> output.file.copyFrom(file, Long.MAX_VALUE));
            }
            byte[] chunk = new byte[TRANSFER];
            long total = 0;
            for (int count = read(chunk, 0, TRANSFER); count >= 0; count = read(chunk, 0, TRANSFER)) {
                out.write(chunk, 0, count);
                total += count;
            }
            return total;
        }

        @Override
        public void close() {
            file.close();
        }
    }

    static final class Output extends OutputStream {
        private final FileHandle file;

        Output(FileHandle file) {
            this.file = file;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            try {
                file.write(source, offset, length);
            } catch (SyscallException | IllegalStateException e) {
                throw new IOException(e.getMessage(), e);
            }
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
