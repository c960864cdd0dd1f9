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
 * Permissions, owner and group of a file, to be given to the file that replaces it. Without an old file, or where the
 * file system has no such attributes, the new file gets the defaults.
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

    /** Creates a file; nobody else can open it before {@link #giveTo} sets its permissions. */
    void create(Path file) throws IOException {
        if (attributes == null) {
            Files.createFile(file);
        } else {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        }
    }

    /** Gives a file these permissions, and owner and group where this process may. */
    void giveTo(Path file) throws IOException {
        if (attributes == null) {
            return;
        }
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        permissions.addAll(attributes.permissions());
        if (!giveGroup(view)) { // the group that the file has instead gets no more than everybody
            keepIf(permissions, PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
            keepIf(permissions, PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
            keepIf(permissions, PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.OTHERS_EXECUTE);
        }
        if (!view.readAttributes().permissions().equals(permissions)) {
            view.setPermissions(permissions);
        }
        if (!view.readAttributes().owner().equals(attributes.owner())) {
            try {
                view.setOwner(attributes.owner()); // last: then the file is no longer this process's
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

    /** Gives the file the old group; false if this process may not. */
    private boolean giveGroup(PosixFileAttributeView view) throws IOException {
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
