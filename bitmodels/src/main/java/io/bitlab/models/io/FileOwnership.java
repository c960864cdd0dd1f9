package io.bitlab.models.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * Who may do what with a file, for the one that takes its place. Nothing where there was no file or the file system has
 * no such attributes: the new file then gets what every new file gets.
 *
 * @param attributes those of the old file, or null
 */
record FileOwnership(PosixFileAttributes attributes) {

    private static final Set<PosixFilePermission> OWNER_ONLY =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    static FileOwnership of(Path file) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        return new FileOwnership(view == null || !Files.exists(file) ? null : view.readAttributes());
    }

    /** Creates a file; nobody else can open it before {@link #giveTo} says who may. */
    void create(Path file) throws IOException {
        if (attributes == null) {
            Files.createFile(file);
        } else {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        }
    }

    void giveTo(Path file) throws IOException {
        if (attributes == null) {
            return;
        }
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        permissions.addAll(attributes.permissions());
        if (!hasGroup(view)) { // then another group must not get what was meant for that one
            keepIf(permissions, PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
            keepIf(permissions, PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
            keepIf(permissions, PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.OTHERS_EXECUTE);
        }
        if (!view.readAttributes().permissions().equals(permissions)) {
            view.setPermissions(permissions);
        }
        if (!view.readAttributes().owner().equals(attributes.owner())) {
            try {
                view.setOwner(attributes.owner()); // last: the file is then another's
            } catch (FileSystemException e) {
                // only a privileged process may give files away
            }
        }
    }

    private static void keepIf(Set<PosixFilePermission> permissions, PosixFilePermission group,
            PosixFilePermission others) {
        if (!permissions.contains(others)) {
            permissions.remove(group);
        }
    }

    /** Whether the file has the old one's group, if need be from now on. */
    private boolean hasGroup(PosixFileAttributeView view) throws IOException {
        if (!view.readAttributes().group().equals(attributes.group())) {
            try {
                view.setGroup(attributes.group());
            } catch (FileSystemException e) {
                return false;
            }
        }
        return true;
    }
}
