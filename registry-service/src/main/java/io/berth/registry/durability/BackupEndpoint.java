package io.berth.registry.durability;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.stereotype.Component;

/**
 * Writes a copy of the default database while the registry runs; the gateway leads nobody there. POST to {@code
 * /actuator/backup} replaces {@code backup/db.zip} in the data directory and answers {@code {"file":"/…/backup/db.zip"}}. What the
 * copy names is in {@code blobs/} for the delay of collection at least, however much is deleted meanwhile. PostgreSQL has
 * tools of its own: 400.
 */
@Component
@Endpoint(id = "backup")
class BackupEndpoint {
    private final DataSource dataSource;
    private final DataDirectory directory;

    BackupEndpoint(DataSource dataSource, DataDirectory directory) {
        this.dataSource = dataSource;
        this.directory = directory;
    }

    @WriteOperation
    synchronized Map<String, String> backUp() throws IOException {
        DurableFiles.createDirectories(directory.backup());
        Path part = directory.backup().resolve("db.zip.part");
        Path whole = directory.backup().resolve("db.zip");
        Files.deleteIfExists(part);
        try (Connection connection = dataSource.getConnection()) {
            if (!"H2".equals(connection.getMetaData().getDatabaseProductName())) {
                throw new InvalidEndpointRequestException("not the default database", "use the database's own tools");
            }
            try (PreparedStatement statement = connection.prepareStatement("BACKUP TO ?")) {
                statement.setString(1, part.toString());
                statement.execute();
            }
        } catch (SQLException e) {
            throw new DataAccessResourceFailureException("cannot back up the database", e);
        }
        try (FileChannel written = FileChannel.open(part, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        DurableFiles.rename(part, directory.backup(), whole.getFileName().toString());
        return Map.of("file", whole.toString());
    }
}
