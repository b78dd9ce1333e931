import {
  ActionIcon,
  Badge,
  Group,
  Menu,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import {
  IconCheck,
  IconChevronDown,
  IconLogout,
  IconMoon,
  IconSelector,
  IconSun,
} from "@tabler/icons-react";
import { useNavigate } from "react-router";

import { projectPath, useProject, useProjects } from "@/app/project";
import { useMe, useRoles, useSignOut } from "@/app/session";
import { words } from "@/ui/format";

import classes from "./TopBar.module.css";

export function TopBar() {
  return (
    <header className={classes.bar}>
      <ProjectSwitcher />
      <Group gap={6} ml="auto" wrap="nowrap">
        <ColorSchemeToggle />
        <UserMenu />
      </Group>
    </header>
  );
}

function ProjectSwitcher() {
  const project = useProject();
  const projects = useProjects().data?.items ?? [];
  const current = projects.find((item) => item.name === project);
  const navigate = useNavigate();
  return (
    <Menu position="bottom-start" width={300} shadow="md">
      <Menu.Target>
        <UnstyledButton className={classes.switcher} aria-label={`Project ${project}, switch`}>
          <span className={classes.kicker}>Project</span>
          <strong>{project}</strong>
          {current && <span className={classes.task}>{words(current.task)}</span>}
          <IconSelector size={15} stroke={1.7} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {projects.map((item) => (
          <Menu.Item
            key={item.name}
            rightSection={item.name === project ? <IconCheck size={15} /> : null}
            onClick={() => void navigate(projectPath(item.name, ""))}
          >
            <div>{item.name}</div>
            <div className={classes.detail}>{item.description || words(item.task)}</div>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function ColorSchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  const label = dark ? "Use the light colours" : "Use the dark colours";
  return (
    <Tooltip label={label}>
      <ActionIcon
        size="lg"
        aria-label={label}
        onClick={() => { setColorScheme(dark ? "light" : "dark"); }}
      >
        {dark ? <IconSun size={18} stroke={1.6} /> : <IconMoon size={18} stroke={1.6} />}
      </ActionIcon>
    </Tooltip>
  );
}

function UserMenu() {
  const project = useProject();
  const me = useMe().data;
  const roles = useRoles(project);
  const signOut = useSignOut();
  const name = me?.name ?? "";
  return (
    <Menu position="bottom-end" width={260} shadow="md">
      <Menu.Target>
        <UnstyledButton className={classes.user} aria-label={`Signed in as ${name}`}>
          <span className={classes.avatar} aria-hidden>
            {name.slice(0, 2).toUpperCase()}
          </span>
          <span>{name}</span>
          <IconChevronDown size={14} stroke={1.7} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Roles in {project}</Menu.Label>
        <Group gap={6} px="sm" pb="xs">
          {roles.length === 0 && <span className={classes.detail}>none</span>}
          {roles.map((role) => (
            <Badge key={role} color={role === "admin" ? "accent" : "gray"}>
              {words(role)}
            </Badge>
          ))}
        </Group>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => { signOut.mutate(); }}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
