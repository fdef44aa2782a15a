package io.berth.image.layer;

import io.berth.archive.GzipEncoder;
import io.berth.archive.TarWriter;
import io.berth.archive.TreeArchiver;
import io.berth.image.content.BlobWriter;
import io.berth.image.content.ContentStore;
import io.berth.image.lease.Lease;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Resolution;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.MessageDigest;

/** Archives a directory that is to be a layer as it is: no file of it is written a second time, but for the compressed blob. */
final class LayerAdoption {
    private static final int BUFFER = 256 * 1024;

    private final ContentStore content;

    LayerAdoption(ContentStore content) {
        this.content = content;
    }

    /** Writes the blob, and tells what layer the directory is. */
    Layer archive(Lease lease, Path directory) throws IOException {
        MessageDigest digest = Digest.newSha256();
        try (BlobWriter blob = content.writer(lease)) {
            long size;
            try (GzipEncoder gzip = new GzipEncoder(blob);
                    OutputStream out = new BufferedOutputStream(new Digesting(gzip, digest), BUFFER);
                    Directory root = Directory.open(directory, Resolution.BENEATH_NO_SYMLINKS)) {
                TarWriter tar = new TarWriter(out);
                TreeArchiver archiver = TreeArchiver.ofLayer(tar);
                archiver.addContents(root, "");
                tar.close();
                out.flush();
                size = archiver.contentBytes();
                gzip.finish();
            }
            Digest diffId = Digest.of(digest.digest());
            lease.hold(diffId);
            long compressed = blob.size();
            return new Layer(
                    diffId, directory, size, Descriptor.of(MediaType.OCI_LAYER_GZIP, blob.commit(), compressed));
        }
    }

    private static final class Digesting extends FilterOutputStream {
        private final MessageDigest digest;

        Digesting(OutputStream out, MessageDigest digest) {
            super(out);
            this.digest = digest;
        }

        @Override
        public void write(int b) throws IOException {
            digest.update((byte) b);
            out.write(b);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            digest.update(source, offset, length);
            out.write(source, offset, length);
        }

        @Override
        public void close() {
            // what is below is closed by whoever opened it
        }
    }
}
