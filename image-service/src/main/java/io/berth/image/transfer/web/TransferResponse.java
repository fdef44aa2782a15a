package io.berth.image.transfer.web;

import io.berth.docker.error.ApiException;
import io.berth.image.progress.ProgressStream;
import io.berth.image.transfer.ClientGone;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The response of a transfer: progress lines. A failure before the first one is a status and an error body; after that it is
 * the last line.
 */
final class TransferResponse {
    private static final Logger LOG = LoggerFactory.getLogger(TransferResponse.class);

    private TransferResponse() {}

    /** A transfer that tells its progress. */
    @FunctionalInterface
    interface Transfer {
        void run(ProgressStream progress) throws ClientGone;
    }

    static void stream(HttpServletResponse response, Transfer transfer) throws IOException {
        response.setContentType("application/json");
        ProgressStream progress = new ProgressStream(response.getOutputStream());
        try {
            transfer.run(progress);
        } catch (ClientGone e) {
            LOG.debug("client went away during a transfer", e);
        } catch (ApiException e) {
            if (!progress.started()) {
                throw e;
            }
            progress.fail(e.text());
        } catch (RuntimeException e) {
            if (!progress.started()) {
                throw e;
            }
            LOG.atError().setCause(e).log("transfer failed");
            progress.fail(e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }
}
