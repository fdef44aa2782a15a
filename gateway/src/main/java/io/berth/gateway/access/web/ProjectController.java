package io.berth.gateway.access.web;

import io.berth.docker.DockerJson;
import io.berth.docker.error.NotFound;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.account.Directory;
import io.berth.gateway.access.account.Project;
import io.berth.gateway.access.account.Projects;
import io.berth.gateway.access.body.Bodies;
import io.berth.gateway.access.policy.Policy;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Projects and what their developers may, which are the operators' to decide; members see their own. */
@RestController
@RequestMapping("/api/projects")
final class ProjectController {
    private final Projects projects;
    private final Directory directory;

    ProjectController(Projects projects, Directory directory) {
        this.projects = projects;
        this.directory = directory;
    }

    /** <pre>{"name": "shop", "description": "", "policy": {"hostPaths": ["/srv/shop"], …}, "created": "2026-…Z"}</pre> */
    record ProjectView(String name, String description, Policy policy, Instant created) {
        static ProjectView of(Project project) {
            return new ProjectView(
                    project.name(), project.description(), Policy.parse(project.policy()), project.createdAt());
        }
    }

    record ProjectList(List<ProjectView> projects) {}

    /** What is absent stays as it is. */
    record ProjectChange(
            @Nullable String description, @Nullable Policy policy) {}

    @GetMapping
    ProjectList list(HttpServletRequest request) {
        Identity identity = RequestIdentity.somebody(request);
        return new ProjectList(directory.projects().stream()
                .filter(project -> identity.operator() || identity.belongsTo(project.name()))
                .sorted(Comparator.comparing(Project::name))
                .map(ProjectView::of)
                .toList());
    }

    @PutMapping("/{name}")
    ProjectView put(@PathVariable String name, HttpServletRequest request) throws IOException {
        var _ = RequestIdentity.operator(request);
        ProjectChange change = Bodies.json(request.getInputStream(), ProjectChange.class);
        projects.put(
                name,
                change.description(),
                change.policy() == null ? null : DockerJson.MAPPER.writeValueAsString(change.policy()));
        return directory.project(name).map(ProjectView::of).orElseThrow(() -> new NotFound("no such project: " + name));
    }

    @DeleteMapping("/{name}")
    ResponseEntity<Void> delete(@PathVariable String name, HttpServletRequest request) {
        var _ = RequestIdentity.operator(request);
        if (!projects.delete(name)) {
            throw new NotFound("no such project: " + name);
        }
        return ResponseEntity.noContent().build();
    }
}
