package io.berth.gateway.access.account;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The projects. Thread-safe; what a method has done is durable and in force when it returns. */
@Component
public class Projects {
    private final ProjectRows rows;
    private final MemberRows members;
    private final CredentialRows credentials;
    private final Directory directory;
    private final Clock clock = Clock.systemUTC();

    Projects(ProjectRows rows, MemberRows members, CredentialRows credentials, Directory directory) {
        this.rows = rows;
        this.members = members;
        this.credentials = credentials;
        this.directory = directory;
    }

    /**
     * Makes a project or changes it; null leaves a value as it is.
     *
     * @param policy JSON that has been checked
     * @return whether it is new
     * @throws IllegalArgumentException for a name that is none
     */
    public boolean put(String name, @Nullable String description, @Nullable String policy) {
        if (!Project.isName(name)) {
            throw new IllegalArgumentException("invalid project name: lower-case letters, digits and dashes");
        }
        return directory.change(() -> {
            ProjectEntity known = rows.findByName(name).orElse(null);
            ProjectEntity row = known == null ? new ProjectEntity(name, clock.instant()) : known;
            if (description != null) {
                row.description(description);
            }
            if (policy != null) {
                row.policy(policy);
            }
            rows.save(row);
            return known == null;
        });
    }

    /**
     * Removes a project, with the tokens that name it, and takes its members out of it: a later project of the name is not
     * theirs. What it owned keeps its label, and is that one's then.
     *
     * @return whether there was one
     */
    public boolean delete(String name) {
        return directory.change(() -> {
            ProjectEntity row = rows.findByName(name).orElse(null);
            if (row == null) {
                return false;
            }
            for (CredentialEntity credential : credentials.findAll()) {
                if (credential.credential().projects().contains(name)) {
                    int _ = credentials.removeById(credential.credential().id());
                }
            }
            for (MemberEntity member : members.findAll()) {
                List<String> left = new ArrayList<>(member.member().projects());
                if (left.remove(name)) {
                    member.projects(left);
                    members.save(member);
                }
            }
            rows.delete(row);
            return true;
        });
    }
}
