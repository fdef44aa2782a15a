package example.notes;

import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Keeps notes: POST /notes with a text, GET /notes for all of them. */
@SpringBootApplication
@RestController
public class Notes {
    private final JdbcClient database;

    Notes(JdbcClient database) {
        this.database = database;
    }

    public static void main(String... arguments) {
        SpringApplication.run(Notes.class, arguments);
    }

    @GetMapping("/notes")
    List<String> all() {
        return database.sql("SELECT text FROM note ORDER BY id").query(String.class).list();
    }

    @PostMapping("/notes")
    void add(@RequestBody String text) {
        database.sql("INSERT INTO note (text) VALUES (?)").param(text).update();
    }
}
